# Built by the workflow runner for "uses: ticketfoundry/ticketfoundry@…". Pinned by digest, so
# that whoever pins the action by commit has pinned the builder, too.
FROM golang:1.26.8-alpine3.23@sha256:a8fa79c5bd40d880b52bd3b6d7669ecdcfd00e85facdd427d279efb5ddd79cb1 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o /out/ticketfoundry .

# The image itself: one static binary and the certificate authorities, nothing to log in to.
# No USER and no WORKDIR: the runner mounts the workspace for root, and sets the folder.
# Everything from here on is what .ci/container builds too, from its own binary.
FROM scratch
LABEL org.opencontainers.image.title="Ticket Foundry" \
      org.opencontainers.image.description="Turns capability specs in Git into GitHub issues and keeps them in step" \
      org.opencontainers.image.source="https://github.com/ticketfoundry/ticketfoundry" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ticketfoundry /ticketfoundry
ENTRYPOINT ["/ticketfoundry"]
