# A static binary on an empty base: nothing to patch, no shell, not root.
#   docker build --build-arg VERSION=v1.2.3 --build-arg REVISION=$(git rev-parse HEAD) -t semroute:v1.2.3 .
FROM golang:1.26.8 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The history is not in the image's context, so its version comes from outside.
ARG VERSION=devel
ARG REVISION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -ldflags="-s -w -X main.linkedVersion=${VERSION} -X main.linkedRevision=${REVISION}" -o /semroute ./cmd/semroute \
 && mkdir -p /var/cache/semroute /etc/semroute

FROM scratch
ARG VERSION=devel
ARG REVISION=unknown
LABEL org.opencontainers.image.title="semroute" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /semroute /semroute
COPY --from=build --chown=65532:65532 /var/cache/semroute /var/cache/semroute
COPY LICENSE NOTICE /
COPY examples/support /etc/semroute/catalog
USER 65532:65532
ENV SEMROUTE_LISTEN=0.0.0.0:50051 \
    SEMROUTE_CATALOG=/etc/semroute/catalog \
    SEMROUTE_CACHE_DIR=/var/cache/semroute \
    SEMROUTE_LEDGER=/var/cache/semroute/calls.db
EXPOSE 50051
ENTRYPOINT ["/semroute"]
CMD ["serve"]
