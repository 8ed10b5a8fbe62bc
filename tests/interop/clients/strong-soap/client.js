// strong-soap: the WSDL at run time, plain objects, faults as an Error that has the envelope in `root`.
'use strict';
const { promisify } = require('node:util');
const { soap } = require('strong-soap');
const { say, serve, operations, fault } = require('../line.js');

const [wsdl, endpoint, version] = process.argv.slice(2);
const port = { '1.1': 'CatalogSoap11', '1.2': 'CatalogSoap12' }[version];

const security = {
  none: () => null,
  basic: ({ user, password }) => new soap.BasicAuthSecurity(user, password),
  token: ({ user, password }) => new soap.WSSecurity(user, password, { passwordType: 'PasswordText' }),
  digest: ({ user, password }) => new soap.WSSecurity(user, password, { passwordType: 'PasswordDigest' }),
};

(async () => {
  const options = { endpoint, forceSoap12Headers: version === '1.2' };
  const client = await promisify(soap.createClient)(wsdl, options);
  const methods = client.CatalogService[port];
  const send = (operation, body) => new Promise((resolve, reject) => {
    methods[operation](body, (error, result) => (error ? reject(error) : resolve(result)));
  });
  // strong-soap knows no value for xs:any; the document goes as text, which the service takes as well.
  const all = operations(send, (document) => ({ $value: document }));
  say({ client: `strong-soap ${require('strong-soap/package.json').version}`, operations: Object.keys(methods).sort().join(',') });
  await serve(async (call) => {
    client.setSecurity(security[call.credential](call));
    try {
      return { outcome: 'result', ...(await all[call.operation](call)) };
    } catch (error) {
      const body = error.root?.Envelope?.Body;
      if (!body?.Fault) throw error;
      return fault(error, body.Fault);
    }
  });
})();
