// The platform with a GPU pool of its own. Other hosts bring their clusters and need nothing of this.
using '../main.bicep'

param name = 'orchprod'
param location = 'westeurope'
param adminGroupObjectId = '00000000-0000-0000-0000-000000000000' // replace: object id of your administrators' group
param gpuMaxNodes = 8
param redisSku = 'Balanced_B5'
param serviceBusSku = 'Premium'
param logRetentionDays = 90
param tags = { environment: 'prod' }
