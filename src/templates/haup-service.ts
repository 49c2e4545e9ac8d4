import { render } from './render.ts'

/** The text of haup.service. PURE. `program` is the absolute path of the `haup` that it starts. */
export function renderHaupService(template: string, program: string): string {
  if (!/^\/[A-Za-z0-9/._+-]+$/.test(program)) throw new Error(`"${program}" cannot stand in a unit file`)
  return render(template, { program })
}
