// The protocol of the clients for those in JavaScript: a call is a line, an answer is a line, both in the form that HTML forms have.
'use strict';
const readline = require('node:readline');

const say = (answer) => process.stdout.write(`${new URLSearchParams(answer)}\n`);

/** Answers one call after the other. */
async function serve(answer) {
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    try {
      say(await answer(Object.fromEntries(new URLSearchParams(line))));
    } catch (error) {
      say({ outcome: 'error', exception: error.name ?? '', reason: String(error.message ?? error).slice(0, 500) });
    }
  }
}

const list = (value) => (value === undefined || value === null ? [] : [].concat(value));
const known = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** The items of a call as the WSDL's type has them. */
function items(call) {
  return Array.from({ length: Number(call.items) }, (_, number) => {
    const sent = (name) => call[`${number}.${name}`];
    const price = { kind: 'list', amount: sent('amount'), currency: sent('currency'), taxIncluded: sent('taxIncluded'), validFrom: sent('validFrom') };
    return known({
      sku: sent('sku'),
      status: sent('status'),
      brand: sent('brand'),
      texts: [known({ lang: sent('lang'), title: sent('title'), keywords: sent('keywords')?.split('|') })],
      prices: sent('amount') === undefined ? undefined : [known(price)],
    });
  });
}

/** Items of an answer as fields of a line. */
function told(items) {
  const said = { items: items.length };
  items.forEach((item, number) => {
    const [text, price] = [list(item.texts)[0], list(item.prices)[0] ?? {}];
    const keywords = list(text.keywords);
    const fields = {
      sku: item.sku, status: item.status, brand: item.brand, lang: text.lang, title: text.title,
      keywords: keywords.length ? keywords.join('|') : undefined, amount: price.amount, currency: price.currency,
      taxIncluded: price.taxIncluded, validFrom: price.validFrom instanceof Date ? price.validFrom.toISOString() : price.validFrom,
    };
    for (const [name, value] of Object.entries(known(fields))) said[`${number}.${name}`] = value;
  });
  return said;
}

function report(answer) {
  const findings = list(answer.findings?.finding);
  const first = findings.length
    ? { 'finding.severity': findings[0].severity, 'finding.code': findings[0].code, 'finding.sku': findings[0].sku } : {};
  const { read, accepted, added, rejected } = answer.counts;
  return { importId: answer.importId, status: answer.status, read, accepted, added, rejected, progress: answer.progress,
    findings: findings.length, ...first };
}

/** The operations, given how to make one call; `xml` makes a field's content out of an XML document. */
const operations = (send, xml) => ({
  ImportCatalog: async (call) => {
    const payload = call.document === undefined ? { items: { item: items(call) } } : { document: xml(call.document) };
    const fields = { catalogId: call.catalogId, mode: call.mode, waitSeconds: call.waitSeconds };
    return report(await send('ImportCatalog', { ...fields, ...payload }));
  },
  GetImportStatus: async (call) => report(await send('GetImportStatus', { importId: call.importId })),
  GetItem: async (call) => told([(await send('GetItem', { catalogId: call.catalogId, sku: call.sku })).item]),
  ListItems: async (call) => {
    const page = await send('ListItems', known({ catalogId: call.catalogId, cursor: call.cursor, limit: call.limit }));
    return { ...told(list(page.items?.item)), ...known({ nextCursor: page.nextCursor }) };
  },
});

/** A fault as an answer, in either version. */
function fault(error, fault) {
  const detail = (fault.detail ?? fault.Detail).PlugpointFault;
  const first = list(detail.errors)[0];
  const text = fault.faultstring ?? fault.Reason?.Text;
  return known({
    outcome: 'fault', exception: error.constructor.name, faultcode: fault.faultcode ?? fault.Code?.Value, reason: text?.$value ?? text,
    code: detail.code, message: detail.message, requestId: detail.requestId, pointer: first?.pointer,
  });
}

module.exports = { say, serve, operations, fault };
