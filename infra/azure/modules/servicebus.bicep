// Pub/sub. Topics come and go with nodes (work.<node>), so the platform may manage them: no topic is made here.
param name string
param location string
param tags object
param sku string
param principalId string

var owner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '090c5cfd-751d-490a-894a-3ce6f1109419')

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku, tier: sku }
  properties: { disableLocalAuth: true, minimumTlsVersion: '1.2' }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(bus.id, 'owner', principalId)
  scope: bus
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: owner }
}

output host string = '${bus.name}.servicebus.windows.net'
