/** Where to go after login: the page that was asked for, if it is one of ours, else the home of the role. */
export function whereNext(search: string, home: string): string {
  const asked = new URLSearchParams(search).get('next')
  // `//evil.example` and `/\evil.example` are other sites in a browser's eyes.
  return asked && /^\/(?![/\\])/.test(asked) && !asked.startsWith('/connexion') ? asked : home
}
