// Speaks for the official TypeScript SDK: a call per line on stdin, its outcome per line on stdout.
// The package is used as it is; the SDK reads its base URLs from the environment.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [folder, tenantId, clientId, clientSecret] = process.argv.slice(2);
const { createClient } = await import(pathToFileURL(`${folder}/dist/index.js`));
const silent = () => {};
const client = createClient({
  credentials: { clientId, clientSecret },
  tenantId,
  region: "na1",
  environment: "sandbox",
  logger: { debug: silent, info: silent, warn: silent, error: silent },
});

const tell = (outcome) => console.log(JSON.stringify(outcome));

tell(Object.keys(client));
for await (const line of createInterface({ input: process.stdin })) {
  const [method, items] = JSON.parse(line);
  try {
    const { status, statusText, data } = await client[method](items);
    tell({ status, reason: statusText, body: data });
  } catch (error) {
    const body = error.statusCode ? JSON.parse(error.response) : String(error.response);
    tell({ status: error.statusCode ?? null, reason: error.message, body });
  }
}
