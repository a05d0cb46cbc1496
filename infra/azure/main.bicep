// Everything in Azure that the charts need: a cluster with Dapr, KEDA and a GPU pool that starts at zero, and the stores and brokers of dapr-components/servicebus.
targetScope = 'resourceGroup'

@description('Names start with this: lower-case letters and digits, 3 to 12.')
@minLength(3)
@maxLength(12)
param name string

param location string = resourceGroup().location

@description('Kubernetes version, as major.minor.')
param kubernetesVersion string = '1.34'

@description('Kubernetes namespace of the platform.')
param namespace string = 'orchestrator'

@description('Service accounts of pods that use Azure: as the chart names them.')
param serviceAccounts string[] = ['orchestrator-functions', 'orchestrator-actors', 'orchestrator-gateway']

@description('Size of the virtual machines that run platform and gateway.')
param platformVmSize string = 'Standard_D4ds_v5'

@description('Size of the virtual machines with GPUs; empty for no GPU pool.')
param gpuVmSize string = 'Standard_NC24ads_A100_v4'

@minValue(1)
@maxValue(100)
param gpuMaxNodes int = 4

@description('Evict-able GPU machines at a lower price. Chains survive the loss of a node.')
param gpuSpot bool = false

@description('Object id of the Entra group whose members administer the cluster.')
param adminGroupObjectId string

@description('Size of Azure Managed Redis.')
param redisSku string = 'Balanced_B1'

@allowed(['Standard', 'Premium'])
param serviceBusSku string = 'Standard'

@description('Days that logs stay.')
@minValue(30)
param logRetentionDays int = 30

param tags object = {}

// Storage, registry and vault names are global and take letters and digits only.
var unique = '${name}${uniqueString(resourceGroup().id)}'

module logs 'modules/logs.bicep' = {
  name: 'logs'
  params: { name: '${name}-logs', location: location, tags: tags, retentionDays: logRetentionDays }
}

module cluster 'modules/cluster.bicep' = {
  name: 'cluster'
  params: {
    name: '${name}-aks'
    location: location
    tags: tags
    kubernetesVersion: kubernetesVersion
    platformVmSize: platformVmSize
    gpuVmSize: gpuVmSize
    gpuMaxNodes: gpuMaxNodes
    gpuSpot: gpuSpot
    adminGroupObjectId: adminGroupObjectId
    workspaceId: logs.outputs.id
  }
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: '${name}-platform'
    location: location
    tags: tags
    issuer: cluster.outputs.oidcIssuer
    namespace: namespace
    serviceAccounts: serviceAccounts
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: { name: take(unique, 50), location: location, tags: tags, pullerPrincipalId: cluster.outputs.kubeletPrincipalId }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: { name: take(unique, 24), location: location, tags: tags, principalId: identity.outputs.principalId, sharedKeys: false, containerName: 'orchestrator' }
}

// Apart from the blobs, because the chart gives the Functions host a connection string.
module workflows 'modules/storage.bicep' = {
  name: 'workflows'
  params: { name: take('wf${unique}', 24), location: location, tags: tags, principalId: identity.outputs.principalId, sharedKeys: true, containerName: '' }
}

module bus 'modules/servicebus.bicep' = {
  name: 'servicebus'
  params: { name: take('${unique}-bus', 50), location: location, tags: tags, sku: serviceBusSku, principalId: identity.outputs.principalId }
}

module redis 'modules/redis.bicep' = {
  name: 'redis'
  params: { name: take('${unique}-redis', 60), location: location, tags: tags, sku: redisSku, principalId: identity.outputs.principalId }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: { name: take(unique, 24), location: location, tags: tags, principalId: identity.outputs.principalId, workspaceId: logs.outputs.id }
}

@description('For az aks get-credentials.')
output clusterName string = cluster.outputs.name

@description('Put before image names.')
output registryServer string = registry.outputs.server

@description('Annotation azure.workload.identity/client-id of the service accounts.')
output identityClientId string = identity.outputs.clientId

@description('blobs.azure.accountUrl of the chart.')
output blobAccountUrl string = storage.outputs.blobEndpoint

@description('Account whose connection string is the secret of workflows and of the Functions host.')
output workflowsAccount string = workflows.outputs.name

@description('namespaceName of pubsub.')
output serviceBusHost string = bus.outputs.host

@description('redisHost of statestore.')
output redisHost string = redis.outputs.host

@description('Where the platform key and API keys belong.')
output vaultUri string = vault.outputs.uri
