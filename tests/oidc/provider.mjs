// A real OpenID Connect provider (panva's oidc-provider, certified) on loopback, for the tests of the log-in.
// It prints its issuer. `POST /test/rotate` gives it another key; `POST /test/bend` lets its next ID tokens lie.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const modules = process.argv[2];
const load = (file) => import(pathToFileURL(`${modules}/${file}`));
const { default: Provider } = await load('oidc-provider/lib/index.js');
const jose = await load('jose/dist/webapi/index.js');
console.info = console.warn = () => {};

const people = {
  anna: { email: 'anna@vdaa.gov.lv', email_verified: true },
  liene: { email: 'liene@liaa.gov.lv', email_verified: false },
  admin: { email: 'admin@vdaa.gov.lv', email_verified: true },
};
let keys = 0;
let bent = {};

function newKey() {
  keys += 1;
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  return { ...jwk, kid: `key ${keys}`, alg: 'RS256', use: 'sig' };
}

async function bend(token, key) {
  const { foreign, ...claims } = bent;
  const signing = foreign ? newKey() : key;
  return new jose.SignJWT({ ...jose.decodeJwt(token), ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .sign(await jose.importJWK(signing, 'RS256'));
}

function made(issuer) {
  const key = newKey();
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
    clients: [{
      client_id: 'atbilde',
      client_secret: 'a secret that the desk and the provider share',
      redirect_uris: [`${process.argv[3]}/desk/login/provider/back`],
      post_logout_redirect_uris: [`${process.argv[3]}/desk/login`],
    }],
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, preferred_username: `${id}@vdaa`, ...people[id] }),
    }),
    pkce: { required: () => true },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path === '/token' && context.body?.id_token && Object.keys(bent).length) {
      context.body.id_token = await bend(context.body.id_token, key);
    }
  });
  return provider.callback();
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let answer = made(issuer);
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/test/')) return answer(request, response);
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      if (request.url === '/test/rotate') answer = made(issuer);
      else bent = JSON.parse(body || '{}');
      response.end();
    });
  });
  process.stdout.write(`${issuer}\n`);
});
