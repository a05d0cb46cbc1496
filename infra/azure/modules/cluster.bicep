// AKS with workload identity, KEDA, the Dapr extension, and a GPU pool that costs nothing while nobody works.
param name string
param location string
param tags object
param kubernetesVersion string
param platformVmSize string
param gpuVmSize string
param gpuMaxNodes int
param gpuSpot bool
param adminGroupObjectId string
param workspaceId string

resource cluster 'Microsoft.ContainerService/managedClusters@2025-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Base', tier: 'Standard' }
  identity: { type: 'SystemAssigned' }
  properties: {
    kubernetesVersion: kubernetesVersion
    dnsPrefix: name
    disableLocalAccounts: true
    enableRBAC: true
    aadProfile: { managed: true, enableAzureRBAC: true, adminGroupObjectIDs: [adminGroupObjectId] }
    oidcIssuerProfile: { enabled: true }
    securityProfile: {
      workloadIdentity: { enabled: true }
      imageCleaner: { enabled: true, intervalHours: 168 }
    }
    workloadAutoScalerProfile: { keda: { enabled: true } }
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      // The charts' network policies mean nothing without an engine that obeys them.
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
      loadBalancerSku: 'standard'
    }
    addonProfiles: {
      omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspaceId, useAADAuth: 'true' } }
    }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: platformVmSize
        osType: 'Linux'
        osSKU: 'AzureLinux'
        enableAutoScaling: true
        minCount: 2
        maxCount: 5
        maxPods: 60
        availabilityZones: ['1', '2', '3']
      }
    ]
  }
}

resource gpuPool 'Microsoft.ContainerService/managedClusters/agentPools@2025-05-01' = if (!empty(gpuVmSize)) {
  parent: cluster
  name: 'gpu'
  properties: {
    mode: 'User'
    vmSize: gpuVmSize
    osType: 'Linux'
    // What NVIDIA's GPU operator installs drivers on.
    osSKU: 'Ubuntu'
    enableAutoScaling: true
    minCount: 0
    maxCount: gpuMaxNodes
    // Drivers come from the GPU operator: pools whose drivers AKS manages are a preview.
    gpuProfile: { driver: 'None' }
    scaleSetPriority: gpuSpot ? 'Spot' : 'Regular'
    scaleSetEvictionPolicy: gpuSpot ? 'Delete' : null
    spotMaxPrice: gpuSpot ? -1 : null
    nodeLabels: { 'orchestrator.dev/pool': 'gpu' }
    nodeTaints: concat(['nvidia.com/gpu=present:NoSchedule'], gpuSpot ? ['kubernetes.azure.com/scalesetpriority=spot:NoSchedule'] : [])
  }
}

resource dapr 'Microsoft.KubernetesConfiguration/extensions@2023-05-01' = {
  name: 'dapr'
  scope: cluster
  properties: {
    extensionType: 'Microsoft.Dapr'
    autoUpgradeMinorVersion: false
    releaseTrain: 'Stable'
    scope: { cluster: { releaseNamespace: 'dapr-system' } }
    configurationSettings: {
      'global.ha.enabled': 'true'
      // The restricted pod security level demands it; Dapr's default is false.
      'dapr_sidecar_injector.sidecarDropALLCapabilities': 'true'
    }
  }
}

output name string = cluster.name
output oidcIssuer string = cluster.properties.oidcIssuerProfile.issuerURL
output kubeletPrincipalId string = cluster.properties.identityProfile.kubeletidentity.objectId
