// A storage account: for blobs (shards, manifests, results, evidence), or for the Functions host and its workflows.
param name string
param location string
param tags object
param principalId string

@description('Whether connection strings work. Off wherever an identity will do.')
param sharedKeys bool

@description('Container to make; empty for none.')
param containerName string

var roles = {
  // Storage Blob Data Owner, Queue Data Contributor, Table Data Contributor: what the Functions host and Durable Functions need.
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: sharedKeys
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    accessTier: 'Hot'
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: { deleteRetentionPolicy: { enabled: true, days: 7 } }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = if (!empty(containerName)) {
  parent: blobService
  name: empty(containerName) ? 'none' : containerName
  properties: { publicAccess: 'None' }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    name: guid(account.id, role.key, principalId)
    scope: account
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
