// One identity for the platform's pods. Pods prove who they are with their service account's token: no secret anywhere.
param name string
param location string
param tags object
param issuer string
param namespace string
param serviceAccounts string[]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

// Azure refuses federated credentials of one identity that are written at the same time.
@batchSize(1)
resource federated 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = [
  for account in serviceAccounts: {
    parent: identity
    name: account
    properties: {
      issuer: issuer
      subject: 'system:serviceaccount:${namespace}:${account}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
]

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
