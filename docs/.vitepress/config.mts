import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig, type DefaultTheme } from 'vitepress'

const docs = fileURLToPath(new URL('..', import.meta.url))
const repository = 'https://github.com/semroute/semroute'

// GitHub's anchors, so that a link leads to the same heading there and here.
function slugify(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-')
}

// Pages that may be there.
function page(text: string, name: string): DefaultTheme.SidebarItem[] {
  return existsSync(`${docs}/${name}.md`) ? [{ text, link: `/${name}` }] : []
}

const sidebar: DefaultTheme.SidebarItem[] = [
  { text: 'Tutorial', items: [{ text: 'Your own catalog in ten minutes', link: '/tutorial' }] },
  {
    text: 'Concepts',
    items: [
      { text: 'The words, in pictures', link: '/concepts' },
      { text: 'How a decision is made', link: '/decisions' },
      { text: 'What confidence means', link: '/quality' },
      { text: 'Embedding models and languages', link: '/models' },
      { text: 'The way of a prompt', link: '/architecture' },
      { text: 'Why it is as it is', link: '/why' },
    ],
  },
  {
    text: 'How to',
    items: [
      { text: 'Call models: tiers, budgets, cascades', link: '/forwarding' },
      { text: 'Keep conversations with their model', link: '/conversations' },
      { text: 'Change routes live', link: '/live' },
      { text: 'Learn from feedback', link: '/learning' },
      { text: 'Try a change beside what serves', link: '/shadow' },
      { text: 'Notice drift', link: '/drift' },
      ...page('Look and change in the console', 'console'),
      { text: 'Come from another router', link: '/migrate' },
      { text: "Answer OpenAI's clients", link: '/http' },
      { text: 'Run it', link: '/operations' },
      { text: 'Run several replicas', link: '/operations#several-replicas' },
      { text: 'Say who may call', link: '/security' },
    ],
  },
  {
    text: 'Reference',
    items: [
      { text: 'Commands', link: '/reference/cli' },
      { text: 'Settings', link: '/reference/settings' },
      { text: 'Catalog', link: '/reference/catalog' },
      { text: 'Schema', link: '/reference/proto' },
      { text: 'Paths, RPCs and roles', link: '/reference/http' },
      { text: 'Errors', link: '/reference/errors' },
      { text: 'Metrics', link: '/metrics' },
    ],
  },
  { text: 'Measured', items: [{ text: 'Benchmarks', link: '/benchmarks' }] },
]

// The build looks at the links of pages, not at these.
for (const { link } of sidebar.flatMap((group) => group.items ?? [])) {
  if (link && !existsSync(`${docs}${link.replace(/#.*/, '')}.md`)) {
    throw new Error(`the sidebar leads to ${link}, which is no page`)
  }
}

export default defineConfig({
  title: 'semroute',
  description: 'A semantic router for language model calls',
  lang: 'en',
  outDir: '../.build/site',
  cleanUrls: true,
  metaChunk: true,
  markdown: {
    anchor: { slugify },
    config(md) {
      // What lies beside docs is read in the repository; a Go test holds that it is there.
      md.core.ruler.push('beside_docs', (state) => {
        for (const token of state.tokens.flatMap((t) => [t, ...(t.children ?? [])])) {
          const href = token.attrGet('href')
          const path = href && new URL(href, `file:///docs/${state.env.relativePath}`)
          if (token.type === 'link_open' && path && path.protocol === 'file:' && !path.pathname.startsWith('/docs/')) {
            token.attrSet('href', `${repository}/blob/main${path.pathname}${path.hash}`)
          }
        }
      })
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    outline: 'deep',
    nav: [
      { text: 'Tutorial', link: '/tutorial' },
      { text: 'Reference', link: '/reference/cli' },
      { text: 'Measured', link: '/benchmarks' },
    ],
    sidebar,
  },
})
