# syntax=docker/dockerfile:1
# A node on an NVIDIA GPU. Build from the repository's root: docker build -f infra/docker/worker-gpu.Dockerfile .
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /src
COPY Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY workers workers
# Self-contained: the base below has no .NET.
RUN dotnet publish workers/Orchestrator.Worker -c Release -r linux-x64 --self-contained -p:OnnxRuntimeFlavor=Gpu -o /app

# ONNX Runtime's CUDA provider is linked against CUDA 13 (libcudart.so.13, libcublas.so.13) and loads cuDNN 9. NVIDIA publishes it for amd64 only.
FROM nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04
LABEL org.opencontainers.image.title="orchestrator-worker-gpu" org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3t64 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
ENV DOTNET_EnableDiagnostics=0 \
    NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 65532:65532
EXPOSE 7443 7444 8080 9464
ENTRYPOINT ["/app/Orchestrator.Worker"]
