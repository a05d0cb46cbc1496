// Small and cheap: no GPU pool; workers run on the CPU profile.
using '../main.bicep'

param name = 'orchdev'
param location = 'westeurope'
param adminGroupObjectId = '00000000-0000-0000-0000-000000000000' // replace: object id of your administrators' group
param platformVmSize = 'Standard_D2ds_v5'
param gpuVmSize = ''
param redisSku = 'Balanced_B0'
param tags = { environment: 'dev' }
