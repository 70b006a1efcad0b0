/**
 * Changes one number of a TOML text and leaves the rest as people wrote it: comments, order, spaces. Knows tables in
 * brackets with plain keys, which is how the service writes a policy; what is written another way is edited as text.
 */

const HEADER = /^\s*\[/

export function setNumber(text: string, table: string, key: string, value: number): string {
  const lines = text.split('\n')
  const start = table === '' ? 0 : lines.findIndex((line) => line.trim().replace(/\s*#.*$/, '') === `[${table}]`) + 1
  if (table !== '' && start === 0) return `${text.trimEnd()}\n\n[${table}]\n${key} = ${value}\n`.trimStart()
  let end = lines.findIndex((line, index) => index >= start && HEADER.test(line))
  if (end < 0) end = lines.length
  const wanted = new RegExp(`^(\\s*${key}\\s*=\\s*)[-+\\d._]+(.*)$`)
  const at = lines.findIndex((line, index) => index >= start && index < end && wanted.test(line))
  if (at >= 0) lines[at] = lines[at]!.replace(wanted, `$1${value}$2`)
  else lines.splice(start, 0, `${key} = ${value}`)
  return lines.join('\n')
}
