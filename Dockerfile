# The one image: the operator, and the gateways it runs. Built by `docker build -t NAME .` or anything that reads this.
# tools/image/ reads it too: e2e/image.test.ts lays out the final stage in a folder and runs it there, so the
# final stage may only copy and describe (it has no shell to RUN anything with anyway).

# The bundle is the same for every platform, so it is made on the builder's own.
FROM --platform=$BUILDPLATFORM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build

FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="Gatewright" \
      org.opencontainers.image.description="The AI gateway for Kubernetes: operator and gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
# Everything beside the base: the bundle, the command `gatewright`, licences.
COPY --from=build --chown=0:0 /src/dist/image/ /
# For `kubectl exec … -- gatewright health` and for exec probes: there is no shell, the command starts Node by itself.
ENV PATH=/usr/local/bin:/usr/bin:/bin
# Relative paths in arguments start where they do in LiteLLM's image.
WORKDIR /app
USER 65532:65532
EXPOSE 4000
ENTRYPOINT ["/nodejs/bin/node", "/opt/gatewright/gatewright.mjs"]
# Without arguments: a gateway that reads the files of the langop container contract.
CMD ["gateway"]
