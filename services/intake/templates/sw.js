// The form opens without a network. Only what is the same for everybody is kept, asked for without cookies; no page with words.
const C = 'ln-{{ build }}', [F, P] = {{ own | tojson }}
self.addEventListener('install', e => e.waitUntil(caches.open(C).then(c => c.addAll([...[F, P].map(u => new Request(u, { credentials: 'omit' })), ...{{ needed | tojson }}])).then(() => skipWaiting())))
self.addEventListener('activate', e => e.waitUntil(caches.keys().then(all => Promise.all(all.filter(k => k !== C).map(k => caches.delete(k)))).then(() => clients.claim())))
self.addEventListener('fetch', e => {
  const r = e.request, u = new URL(r.url), get = r.method === 'GET', kept = x => caches.match(x, { ignoreVary: true })
  const stay = async () => { for (const c of await clients.matchAll()) c.postMessage(r.url); return new Response(null, { status: 204 }) } // the page keeps what was typed
  if (u.origin !== location.origin || /^\/(desk|audit)\b/.test(u.pathname)) return
  if (r.mode === 'navigate') {
    const form = get && u.pathname === '/gui'
    e.respondWith(Promise.race([fetch(r), new Promise((_, no) => form && setTimeout(no, 4000))]).catch(() => get ? kept(form ? F : P) : stay()))
  } else if (get && u.pathname.startsWith('/static/')) e.respondWith(kept(r).then(hit => hit || fetch(r)))
  else if (r.method === 'HEAD') e.respondWith(fetch(r)) // a page asks whether the network is back: for us too
})
