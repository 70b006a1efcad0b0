/// <reference types="vitest/config" />
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

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

export default defineConfig({
  base: '/static/',
  plugins: [svelte()],
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
        ...citizenEntries(),
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
