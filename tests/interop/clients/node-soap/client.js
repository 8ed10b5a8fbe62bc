// node-soap (npm soap): the WSDL at run time, plain objects, faults as an Error that has the envelope in `root`.
'use strict';
const soap = require('soap');
const { say, serve, operations, fault } = require('../line.js');

const [wsdl, endpoint, version] = process.argv.slice(2);
const port = { '1.1': 'CatalogSoap11', '1.2': 'CatalogSoap12' }[version];

const security = {
  none: () => null,
  basic: ({ user, password }) => new soap.BasicAuthSecurity(user, password),
  token: ({ user, password }) => new soap.WSSecurity(user, password, { passwordType: 'PasswordText' }),
  digest: ({ user, password }) => new soap.WSSecurity(user, password, { passwordType: 'PasswordDigest', hasNonce: true }),
};

(async () => {
  const client = await soap.createClientAsync(wsdl, { endpoint, forceSoap12Headers: version === '1.2' });
  const methods = client.CatalogService[port];
  const send = (operation, body) => new Promise((resolve, reject) => {
    methods[operation](body, (error, result) => (error ? reject(error) : resolve(result)));
  });
  const all = operations(send, (document) => ({ $xml: document }));
  say({ client: `node-soap ${require('soap/package.json').version}`, operations: Object.keys(methods).sort().join(',') });
  await serve(async (call) => {
    client.setSecurity(security[call.credential](call));
    try {
      return { outcome: 'result', ...(await all[call.operation](call)) };
    } catch (error) {
      if (!error.root) throw error;
      return fault(error, error.root.Envelope.Body.Fault);
    }
  });
})();
