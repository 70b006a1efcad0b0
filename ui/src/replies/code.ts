/** The short name of a new template, from its title: « Panneau : commandé » → `panneau_commande`; never one that exists. */
export function codeFor(title: string, taken: readonly string[]): string {
  const plain = title.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replaceAll('œ', 'oe')
  const base = plain.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 50) || 'reponse'
  let code = base.length < 2 ? `${base}_1` : base
  for (let n = 2; taken.includes(code); n += 1) code = `${base}_${n}`
  return code
}
