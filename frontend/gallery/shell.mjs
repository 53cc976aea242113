// The page shell of the gallery: what the server's base template does, in miniature.

export function page({ title, body, scripts = [], signedIn = true, headerSearch = true, bodyAttributes = "", styles = [] }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="csrf" content="gallery">
<title>${title} · Science 3D</title>
<link rel="stylesheet" href="/assets/style.css">
${styles.map((name) => `<link rel="stylesheet" href="/assets/${name}">`).join("\n")}
${scripts.map((name) => `<script type="module" src="/assets/${name}"></script>`).join("\n")}
</head>
<body ${bodyAttributes}>
<a class="skip-link" href="#main">Skip to content</a>
<header class="site-header">
  <div class="wrap site-header-row">
    <a class="wordmark" href="/home"><svg class="wordmark-sign" viewBox="0 0 32 32" aria-hidden="true"><path d="M16 3 28 9.5v13L16 29 4 22.5v-13z"/><path d="M4 9.5 16 16l12-6.5M16 16v13"/></svg>Science 3D</a>
    ${headerSearch ? `<form class="header-search" role="search" action="/search">
      <label class="visually-hidden" for="header-q">Search the catalogue</label>
      <input id="header-q" type="search" name="q" placeholder="Search, or paste a DOI">
      <button class="header-search-go" type="submit">Search</button>
    </form>` : ""}
    <nav class="site-nav" aria-label="Main"><a href="/search">Browse</a><a href="/deposit">Upload</a></nav>
    <nav class="language-switch" aria-label="Language">
      <a href="?lang=de" lang="de" hreflang="de">DE</a><a href="?lang=en" lang="en" hreflang="en" aria-current="true">EN</a>
    </nav>
    ${signedIn ? `<details class="menu account-menu"><summary>Marie Tharp</summary>
      <div class="menu-panel"><a href="/account">My records</a><a href="/account">API tokens</a><hr>
      <form method="post" action="/"><button class="menu-item" type="submit">Sign out</button></form></div></details>` : `<a class="sign-in" href="/login">Sign in</a>`}
  </div>
</header>
<main id="main" tabindex="-1" ${bodyAttributes.includes("viewer-page") ? 'class="viewer-main"' : ""}>
${body}
</main>
<footer class="site-footer">
  <div class="wrap site-footer-columns">
    <div><p class="wordmark">Science 3D</p><p>An open catalogue of three-dimensional scientific data, run by the people who measure them.</p></div>
    <nav aria-label="About"><h2>About</h2><ul><li><a href="/about">What this is</a></li><li><a href="/about">Terms</a></li><li><a href="/about">Privacy</a></li></ul></nav>
    <nav aria-label="For machines"><h2>For machines</h2><ul><li><a href="/api">API</a></li><li><a href="/api">OAI-PMH</a></li><li><a href="/api">Feeds</a></li></ul></nav>
  </div>
</footer>
</body>
</html>`;
}
