// A real provider of OpenID Connect for the stories of the single sign-on: oidc-provider with its pages for trying it out,
// where anybody signs in as whoever they say.
//
// Usage: node run_oidc.mjs PORT URL_OF_THE_SYSTEM
import Provider from "oidc-provider";

const [port, system] = process.argv.slice(2);

const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: "qihang",
    client_secret: "a secret of the stories",
    redirect_uris: [`${system}/sign-in/oidc`],
    post_logout_redirect_uris: [`${system}/`],
    backchannel_logout_uri: `${system}/sign-in/oidc/logout`,
    backchannel_logout_session_required: true,
  }],
  features: { backchannelLogout: { enabled: true } },
  claims: { openid: ["sub"], profile: ["preferred_username"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  // By itself it calls nobody at a loopback address, and that is where the system of a story is.
  fetch: (address, options) => fetch(address, { ...options, dispatcher: undefined }),
  // Required for every client by the newer of the standards.
  pkce: { required: () => true },
  cookies: { keys: ["for the stories only"] },
});
// It warns that its pages are for trying out, which is what they are used for here.
console.info = console.warn = () => {};
provider.listen(Number(port), "127.0.0.1");
