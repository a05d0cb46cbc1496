// Images and charts.
param name string
param location string
param tags object
param pullerPrincipalId string

var pull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { adminUserEnabled: false }
}

resource puller 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, 'pull', pullerPrincipalId)
  scope: registry
  properties: { principalId: pullerPrincipalId, principalType: 'ServicePrincipal', roleDefinitionId: pull }
}

output server string = registry.properties.loginServer
