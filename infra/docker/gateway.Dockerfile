# syntax=docker/dockerfile:1
# What nodes dial. Build from the repository's root: docker build -f infra/docker/gateway.Dockerfile .
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /src
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY workers workers
COPY functions functions
RUN dotnet publish functions/Orchestrator.Gateway -c Release -a $TARGETARCH --no-self-contained -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
LABEL org.opencontainers.image.title="orchestrator-gateway" org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
COPY --from=build /app .
ENV DOTNET_EnableDiagnostics=0
USER 65532:65532
EXPOSE 8080 8443 8444 9464
ENTRYPOINT ["dotnet", "Orchestrator.Gateway.dll"]
