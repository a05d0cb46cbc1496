// State and actors in Azure Managed Redis: TLS on port 10000, identities instead of keys. (Azure Cache for Redis is being retired.)
param name string
param location string
param tags object
param sku string
param principalId string

resource cluster 'Microsoft.Cache/redisEnterprise@2025-04-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  properties: { highAvailability: 'Enabled', minimumTlsVersion: '1.2' }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-04-01' = {
  parent: cluster
  name: 'default'
  properties: {
    port: 10000
    clientProtocol: 'Encrypted'
    // Dapr's component does not follow a cluster's redirections.
    clusteringPolicy: 'EnterpriseCluster'
    accessKeysAuthentication: 'Disabled'
    // Stakes and balances: a write that was acknowledged may not be forgotten under memory pressure or a restart.
    evictionPolicy: 'NoEviction'
    persistence: { aofEnabled: true, aofFrequency: '1s', rdbEnabled: false }
  }
}

resource access 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-04-01' = {
  parent: database
  name: 'platform'
  properties: { accessPolicyName: 'default', user: { objectId: principalId } }
}

output host string = '${cluster.properties.hostName}:${database.properties.port}'
