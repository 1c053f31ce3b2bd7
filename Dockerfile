# syntax=docker/dockerfile:1
# Every part of Streams in one image. What runs is the first argument: gateway, monitor, agent, console, broker, service NAME.
#
#   docker build -t streams:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 -t REGISTRY/streams:0.1.0 --push .

# On the builder's own processor, whatever the image is for: the compiler needs no emulation.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source

# Project files alone first: packages are restored anew only when one of these has changed.
COPY --link .editorconfig global.json Directory.Build.props Directory.Packages.props ./
COPY --link --parents src/*/*.csproj loadtests/*/*.csproj samples/*/*.csproj ./
RUN dotnet restore src/Cli --arch $TARGETARCH -p:PublishReadyToRun=true

COPY --link loadtests loadtests
COPY --link protos protos
COPY --link samples samples
COPY --link src src
RUN dotnet publish src/Cli --configuration Release --arch $TARGETARCH --no-restore --self-contained false \
    -p:PublishReadyToRun=true -p:UseAppHost=false --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble
LABEL org.opencontainers.image.title="Streams" org.opencontainers.image.licenses="Apache-2.0"

# librdkafka1: the native half of the Kafka client, kept up to date by the distribution. curl: for health checks in Compose.
# The folder is for data; a new volume that is mounted there gets its owner.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl librdkafka1 \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o $APP_UID -g $APP_UID /var/lib/streams
COPY --link --from=build /app /app

# No debugger's socket: the file system is meant to be read-only.
ENV DOTNET_EnableDiagnostics=0
WORKDIR /var/lib/streams
USER $APP_UID
EXPOSE 7070 7071 8080 9092 9470 9471 9472 9473 9474
ENTRYPOINT ["dotnet", "/app/streams-cli.dll"]
