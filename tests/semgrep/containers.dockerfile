# ruleid: image-not-pinned
FROM python:latest AS first
# ruleid: image-not-pinned
FROM debian
# ok: image-not-pinned
FROM python:3.13-slim AS builder
# ok: image-not-pinned
FROM python@sha256:0000000000000000000000000000000000000000000000000000000000000000
# ok: image-not-pinned
FROM scratch
# ruleid: add-from-web
ADD https://example.org/tool.tar.gz /opt/
# ok: add-from-web
ADD --checksum=sha256:00 https://example.org/tool.tar.gz /opt/
# ok: add-from-web
ADD files.tar.gz /opt/
# ruleid: download-into-shell
RUN curl -fsSL https://example.org/install.sh | sh
# ruleid: download-into-shell
RUN wget -qO- https://example.org/install.sh | sudo -E bash -
# ok: download-into-shell
RUN curl -fsSLO https://example.org/install.sh
# ok: image-not-pinned
FROM builder
# ruleid: image-runs-as-root
CMD ["serve"]
USER app
# ok: image-runs-as-root
CMD ["serve"]
# ok: image-runs-as-root
USER root
RUN apt-get update
USER app
# ruleid: image-runs-as-root
USER root
ENTRYPOINT ["serve"]
