/** Name and id of a bundle that is made here, and where it goes. */
import type { ReactNode } from 'react'
import { t } from '../../language'
import { FormPart } from '../../ui/FormPart'
import { TextField } from '../../ui/Field'

interface Named {
  name: string
  id: string
}

interface NewBundleProps {
  typed: Named
  /** Taken where nothing is typed. */
  suggested: Named
  problem: string | undefined
  dataFolder: string
  onChange: (change: Partial<Named>) => void
  /** Further fields on it. */
  children?: ReactNode
}

export const NewBundle = ({ typed, suggested, problem, dataFolder, onChange, children }: NewBundleProps) => (
  <FormPart title={t('train.into')}>
    <div className="grid grid-cols-2 gap-3">
      <TextField label={t('field.name')} placeholder={suggested.name} value={typed.name} onChange={({ target }) => onChange({ name: target.value })} />
      <TextField label={t('field.id')} placeholder={suggested.id} problem={problem} value={typed.id} onChange={({ target }) => onChange({ id: target.value })} />
      {children}
    </div>
    <p className="selectable pt-1.5 text-2xs break-all text-ink-soft">{t('train.intoHint', { folder: dataFolder })}</p>
  </FormPart>
)
