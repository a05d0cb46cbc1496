# syntax=docker/dockerfile:1
# The control plane on the Azure Functions host. Build from the repository's root: docker build -f infra/docker/functions.Dockerfile .
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY workers workers
COPY functions functions
# AzureStorage, or mssql for workflows in SQL Server: name that image orchestrator-functions-mssql.
ARG DURABLE_BACKEND=AzureStorage
# The real Functions packages in place of our declarations of their types.
RUN dotnet publish functions/Orchestrator.Functions -c Release -p:FunctionsSdk=true -p:DurableBackend=$DURABLE_BACKEND -o /home/site/wwwroot

# Microsoft publishes the host for amd64 only.
FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0
LABEL org.opencontainers.image.title="orchestrator-functions" org.opencontainers.image.licenses="Apache-2.0"
# The host runs as root unless told otherwise, and below port 1024. Everything it writes goes to /tmp and the storage account.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    FUNCTIONS_WORKER_RUNTIME=dotnet-isolated \
    ASPNETCORE_URLS=http://+:8080 \
    HOME=/tmp \
    TMPDIR=/tmp
COPY --from=build --chown=65532:65532 /home/site/wwwroot /home/site/wwwroot
USER 65532:65532
EXPOSE 8080 9464
