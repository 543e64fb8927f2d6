# A static binary on an empty base: nothing to patch, no shell, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /semroute ./cmd/semroute \
 && mkdir -p /var/cache/semroute /etc/semroute

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /semroute /semroute
COPY --from=build --chown=65532:65532 /var/cache/semroute /var/cache/semroute
COPY examples/support /etc/semroute/catalog
USER 65532:65532
ENV SEMROUTE_LISTEN=0.0.0.0:50051 \
    SEMROUTE_CATALOG=/etc/semroute/catalog \
    SEMROUTE_CACHE_DIR=/var/cache/semroute \
    SEMROUTE_LEDGER=/var/cache/semroute/calls.db
EXPOSE 50051
ENTRYPOINT ["/semroute"]
CMD ["serve"]
