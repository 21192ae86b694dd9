// Every call that the client has, and the request that it stands for: name, method, path, arguments.

export const CALLS = `
fraud.devices.register          POST    /v1/fraud/devices                       params
fraud.devices.retrieve          GET     /v1/fraud/devices/{id}                  id
fraud.devices.history           GET     /v1/fraud/devices/{id}/history          id,params
fraud.devices.linkedAccounts    GET     /v1/fraud/devices/{id}/linked-accounts  id
fraud.devices.block             POST    /v1/fraud/devices/{id}/block            id,params
fraud.devices.unblock           DELETE  /v1/fraud/devices/{id}/block            id
fraud.duplicates.search         POST    /v1/fraud/duplicates/search             params
fraud.duplicates.retrieve       GET     /v1/fraud/duplicates/{id}               id
fraud.synthetic.analyze         POST    /v1/fraud/synthetic/analyze             params
fraud.velocity.check            POST    /v1/fraud/velocity/check                params
fraud.velocity.rules.create     POST    /v1/fraud/velocity/rules                params
fraud.velocity.rules.list       GET     /v1/fraud/velocity/rules                params
fraud.velocity.rules.retrieve   GET     /v1/fraud/velocity/rules/{id}           id
fraud.velocity.rules.update     PUT     /v1/fraud/velocity/rules/{id}           id,params
fraud.velocity.rules.delete     DELETE  /v1/fraud/velocity/rules/{id}           id
fraud.rules.create              POST    /v1/fraud/rules                         params
fraud.rules.list                GET     /v1/fraud/rules                         params
fraud.rules.retrieve            GET     /v1/fraud/rules/{id}                    id
fraud.rules.update              PUT     /v1/fraud/rules/{id}                    id,params
fraud.rules.delete              DELETE  /v1/fraud/rules/{id}                    id
fraud.rules.test                POST    /v1/fraud/rules/test                    params
fraud.blocklist.add             POST    /v1/fraud/blocklist                     params
fraud.blocklist.list            GET     /v1/fraud/blocklist                     params
fraud.blocklist.check           POST    /v1/fraud/blocklist/check               params
fraud.blocklist.remove          DELETE  /v1/fraud/blocklist/{id}                id
fraud.blocklist.appeal          POST    /v1/fraud/blocklist/{id}/appeal         id,params
fraud.signals.report            POST    /v1/fraud/signals                       params
fraud.signals.list              GET     /v1/fraud/signals                       params
fraud.signals.retrieve          GET     /v1/fraud/signals/{id}                  id
fraud.signals.confirm           POST    /v1/fraud/signals/{id}/confirm          id,params
fraud.signals.dismiss           POST    /v1/fraud/signals/{id}/dismiss          id,params
fraud.reviews.list              GET     /v1/fraud/reviews                       params
fraud.reviews.retrieve          GET     /v1/fraud/reviews/{id}                  id
fraud.reviews.resolve           POST    /v1/fraud/reviews/{id}/resolve          id,params
fraud.settings.retrieve         GET     /v1/fraud/settings
fraud.settings.update           PUT     /v1/fraud/settings                      params
fraud.analytics.summary         GET     /v1/fraud/analytics/summary             params
fraud.analytics.trends          GET     /v1/fraud/analytics/trends              params
fraud.analytics.rules           GET     /v1/fraud/analytics/rules               params
fraud.assess                    POST    /v1/fraud/assess                        params
identity.verify                 POST    /v1/identity/verify                     params
`.trim().split('\n').map((line) => {
  const [name, method, path, takes = ''] = line.split(/ +/);
  return { name, method, path, takes: takes.split(',').filter(Boolean) };
});
