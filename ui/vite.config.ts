/// <reference types="vitest/config" />
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The citizen pages are rendered by the server: it finds their hashed assets in .vite/manifest.json. */
function citizenEntries(): Record<string, string> {
  const folder = at('src/citizen')
  if (!existsSync(folder)) return {}
  const files = readdirSync(folder).filter((name) => /^[\w-]+\.(ts|css)$/.test(name) && !name.includes('.test.'))
  return Object.fromEntries(files.map((name) => [`citizen-${name.replace('.', '-')}`, `${folder}/${name}`]))
}

/** A service worker keeps one address for ever: a hashed name would orphan the installed one. */
function serviceWorker(): Record<string, string> {
  const file = at('src/crew/sw.ts')
  return existsSync(file) ? { sw: file } : {}
}

const PAGES: Record<string, string> = {
  '/connexion': 'login',
  '/tableau': 'board',
  '/equipe': 'crew',
  '/astreintes': 'rota',
  '/appels': 'paging',
  '/politique': 'policy',
  '/competences': 'competence',
  '/reponses': 'replies',
  '/capteurs': 'sensors',
  '/expertise': 'expertise',
  '/mur': 'wall',
  '/design': 'design',
  '/trajets': 'travel',
}

/** Texts are packed once, here, so that the service sends them small without a proxy and without work. */
function packed(): Plugin {
  return {
    name: 'packed',
    apply: 'build',
    writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle).filter((one) => /^assets\/.+\.(js|css|json|svg)$/.test(one))) {
        const plain = readFileSync(`${dir}/${name}`)
        const small = gzipSync(plain, { level: 9 })
        if (small.length < plain.length) writeFileSync(`${dir}/${name}.gz`, small)
      }
    },
  }
}

/** While developing, the pages answer at the addresses that the service gives them. */
function pageAddresses(): Plugin {
  return {
    name: 'page-addresses',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const page = PAGES[(request.url ?? '').split('?')[0] ?? '']
        if (page) request.url = `/static/${page}.html`
        next()
      })
    },
  }
}

/** Everything else comes from the running service; it refuses foreign origins, so the proxy speaks with its own. */
function service(): Record<string, ProxyOptions> {
  const target = `http://127.0.0.1:${process.env.CPO_DEV_PORT ?? 8000}`
  const proxy: ProxyOptions = { target, ws: true, headers: { origin: target } }
  return Object.fromEntries(['/api', '/theme', '/signaler', '/suivi', '/accessibilite', '/health'].map((path) => [path, proxy]))
}

export default defineConfig({
  base: '/static/',
  plugins: [svelte(), pageAddresses(), packed()],
  server: { proxy: service() },
  resolve: {
    alias: { $lib: at('src/lib') },
    conditions: process.env.VITEST ? ['browser'] : undefined,
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    // maplibre-gl alone is 288 kB gzipped; it is loaded lazily, after the queue is on screen.
    chunkSizeWarningLimit: 1200,
    // Inlined assets would need data: in font-src and worker-src; the policy has neither.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        login: at('login.html'),
        board: at('board.html'),
        crew: at('crew.html'),
        rota: at('rota.html'),
        paging: at('paging.html'),
        policy: at('policy.html'),
        competence: at('competence.html'),
        replies: at('replies.html'),
        sensors: at('sensors.html'),
        expertise: at('expertise.html'),
        wall: at('wall.html'),
        design: at('design.html'),
        travel: at('travel.html'),
        ...citizenEntries(),
        // Asked for by a button of the form, so no page carries it.
        map: at('src/citizen/map/map.ts'),
        ...serviceWorker(),
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
  },
})
