import { expect, test } from "vitest";
import { ingressControllerNamespaces } from "./ingress-controller.ts";

test("the namespace that was told is the only one", () => {
  expect(ingressControllerNamespaces("edge", ["ingress-nginx"])).toEqual(["edge"]);
});

test("without it, those of the usual names that are there, whatever their order", () => {
  expect(ingressControllerNamespaces(undefined, ["traefik", "default", "ingress-nginx"])).toEqual([
    "ingress-nginx",
    "traefik",
  ]);
  expect(ingressControllerNamespaces(undefined, ["default"])).toEqual([]);
});
