// Command kubernetes is etcd, kube-apiserver, kube-controller-manager and kubectl in one binary, so that tests meet the
// real API server without a container engine. The first argument, or the name it is called by, chooses the program.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	arguments := os.Args
	if name := filepath.Base(arguments[0]); !known(name) && len(arguments) > 1 {
		arguments = arguments[1:]
	}
	// The programs read their flags, and print their names, from os.Args.
	os.Args = arguments
	switch filepath.Base(arguments[0]) {
	case "etcd":
		etcdmain.Main(arguments)
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kubectl":
		if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
			kubectlutil.CheckErr(err)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: kubernetes etcd|kube-apiserver|kube-controller-manager|kubectl [flags]")
		os.Exit(2)
	}
}

func known(name string) bool {
	return name == "etcd" || name == "kube-apiserver" || name == "kube-controller-manager" || name == "kubectl"
}
