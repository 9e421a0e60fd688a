// A provider of OpenID Connect, by the package oidc-provider, for tests on loopback alone:
//
//     node provider.mjs FOLDER-WITH-NODE_MODULES
//
// It prints "listening on URL", which is its issuer. POST /control steers it, and tells how often each
// path was asked:
//   users      {NAME: {claim: value}}; any password is right
//   alg        what ID tokens are signed with: RS256, PS256, ES256, EdDSA
//   auth       how the client shows itself: client_secret_basic, client_secret_post, none
//   rotate     new keys from now on
//   spoil      makes each ID token wrong in one way (see `forge`), signed with the right key where it is
//   answer     {PATH: {status, bytes, text, silent}}: what is answered there instead; null: as it is
//   userinfo   true: what is known of somebody stands at the userinfo endpoint alone, and not in ID tokens
//   backchannel {uri, session}: where logouts are posted, and whether they name the session (sid)
//   sign       {claims, header, kind}: the answer's `signed` is that token, made wrong by `kind` as above
// The answer's `logouts` has each logout token that was posted, with the status that came back.
// Tokens and sessions of a provider that has rotated its keys are gone.

import { createServer } from 'node:http';
import { generateKeyPairSync, createPublicKey, createPrivateKey } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const modules = pathToFileURL(`${process.argv[2]}/node_modules/`);
const { default: Provider } = await import(new URL('oidc-provider/lib/index.js', modules));
const jose = await import(new URL('jose/dist/webapi/index.js', modules));

const CLIENT = 'signalbox';
const SECRET = 'a secret & more: 100%';
const state = { users: {}, alg: 'RS256', auth: 'client_secret_basic', spoil: null, answer: {}, counts: {}, generation: 0,
  userinfo: false, backchannel: null, logouts: [] };

function newKeys() {
  state.generation += 1;
  const named = (name, pair, alg) => ({
    ...pair.privateKey.export({ format: 'jwk' }), kid: `${name}-${state.generation}`, use: 'sig', alg,
  });
  const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
  return [
    named('rs', rsa(), 'RS256'),
    named('ps', rsa(), 'PS256'),
    named('ec', generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'ES256'),
    named('ed', generateKeyPairSync('ed25519'), 'EdDSA'),
  ];
}

async function forge(token, spoil) {
  const claims = jose.decodeJwt(token);
  const header = jose.decodeProtectedHeader(token);
  const jwk = state.keys.find((key) => key.kid === header.kid);
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const sign = (changed, head = header) => new jose.SignJWT(changed).setProtectedHeader(head).sign(key);
  const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  switch (spoil.kind) {
    case 'claims': // null takes a claim away
      return sign(Object.fromEntries(
        Object.entries({ ...claims, ...spoil.claims }).filter(([, value]) => value !== null)));
    case 'times': // seconds from now
      return sign({ ...claims, ...Object.fromEntries(
        Object.entries(spoil.times).map(([name, offset]) => [name, now + offset])) });
    case 'none':
      return `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
    case 'hs256': { // the public key taken for a shared secret
      const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' });
      return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: header.kid }).sign(Buffer.from(pem));
    }
    case 'hs256-secret':
      return new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: header.kid }).sign(Buffer.from(SECRET));
    case 'other-key': { // the right name, another key
      const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
      return new jose.SignJWT(claims).setProtectedHeader(header).sign(other);
    }
    case 'unknown-kid':
      return sign(claims, { ...header, kid: 'nobody knows it' });
    case 'changed': { // the payload after it was signed
      const [head, , signature] = token.split('.');
      return `${head}.${encoded({ ...claims, ...spoil.claims })}.${signature}`;
    }
    case 'text':
      return spoil.text;
    case 'missing':
      return undefined;
    default:
      throw new Error(`no such way: ${spoil.kind}`);
  }
}

async function signed({ claims, header = {}, kind }) {
  const jwk = state.keys.find((key) => key.alg === 'RS256');
  const token = await new jose.SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'logout+jwt', ...header })
    .sign(createPrivateKey({ key: jwk, format: 'jwk' }));
  return kind ? forge(token, { kind, claims: {} }) : token;
}

// Theirs refuses to post to loopback.
async function post(url, { dispatcher, ...options }) {
  const logout = { token: options.body.get('logout_token'), status: null };
  state.logouts.push(logout);
  const reply = await fetch(url, options);
  logout.status = reply.status;
  return reply;
}

function newProvider(issuer) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: CLIENT,
      ...(state.auth === 'none' ? {} : { client_secret: SECRET }),
      token_endpoint_auth_method: state.auth,
      application_type: 'native', // any port of loopback
      redirect_uris: ['http://127.0.0.1/auth/callback'],
      post_logout_redirect_uris: ['http://127.0.0.1/bye'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      id_token_signed_response_alg: state.alg,
      ...(state.backchannel ? {
        backchannel_logout_uri: state.backchannel.uri,
        backchannel_logout_session_required: state.backchannel.session,
      } : {}),
    }],
    features: { backchannelLogout: { enabled: true } },
    fetch: post,
    clientAuthMethods: [state.auth],
    jwks: { keys: state.keys },
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'name', 'realm'] },
    conformIdTokenClaims: state.userinfo, // false: into the ID token, as with Keycloak and Okta
    pkce: { required: () => true },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: `sub-${id}`, ...state.users[id] }) }),
  });
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path === '/token' && state.spoil && ctx.body?.id_token) {
      ctx.body = { ...ctx.body, id_token: await forge(ctx.body.id_token, state.spoil) };
    }
  });
  return provider.callback();
}

async function control(request, response) {
  let text = '';
  for await (const piece of request) text += piece;
  const wanted = JSON.parse(text);
  const { rotate, sign, ...settings } = wanted;
  if (settings.answer) settings.answer = { ...state.answer, ...settings.answer };
  Object.assign(state, settings);
  if (rotate) state.keys = newKeys();
  if (rotate || ['alg', 'auth', 'userinfo', 'backchannel'].some((name) => name in settings)) state.provider = newProvider(state.issuer);
  response.setHeader('Content-Type', 'application/json');
  const { counts, generation, logouts } = state;
  response.end(JSON.stringify({ counts, generation, logouts, signed: sign && await signed(sign) }));
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://here');
  if (pathname === '/control') return control(request, response);
  state.counts[pathname] = (state.counts[pathname] ?? 0) + 1;
  const instead = state.answer[pathname];
  if (!instead) return state.provider(request, response);
  if (instead.silent) return undefined; // until the other side gives up
  response.statusCode = instead.status ?? 200;
  response.setHeader('Content-Type', 'application/json');
  return response.end(instead.text ?? `"${'x'.repeat(instead.bytes ?? 0)}"`);
});

server.listen(0, '127.0.0.1', () => {
  state.issuer = `http://127.0.0.1:${server.address().port}`;
  state.keys = newKeys();
  state.provider = newProvider(state.issuer);
  console.log(`listening on ${state.issuer}`);
});
