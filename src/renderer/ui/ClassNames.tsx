/** Which class of the bundle is meant by a name that folders or labels have for it. */
import { t } from '../language'
import type { ClassNameRows } from '../state/class-names'
import { SelectField } from './Field'

interface ClassNamesProps {
  rows: ClassNameRows
  classes: readonly string[]
  onChange: (rows: ClassNameRows) => void
}

export function ClassNames({ rows, classes, onChange }: ClassNamesProps) {
  const names = Object.keys(rows)
  if (names.length === 0) return null
  return (
    <div role="group" aria-label={t('classNames.title')} data-class-names className="mt-3 rounded-md border border-accent/50 bg-ground p-2.5">
      <p className="pb-2 text-xs text-ink-soft">{t('classNames.about')}</p>
      <div className="grid grid-cols-2 gap-3 2xl:grid-cols-4">
        {names.map((name) => (
          <SelectField
            key={name}
            label={name}
            value={rows[name]!}
            choices={[{ value: '', label: t('classNames.choose') }, ...classes.map((each) => ({ value: each, label: each }))]}
            onChange={({ target }) => onChange({ ...rows, [name]: target.value })}
          />
        ))}
      </div>
    </div>
  )
}
