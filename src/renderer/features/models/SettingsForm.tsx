/** What the file cannot say of itself: names, and how images are made into the model's input. */
import type { GuessedSettings } from '../../../shared/models'
import { t } from '../../language'
import { linesIn, numbersAsText, numbersIn, presetOf, presetsFor } from '../../state/import-form'
import type { FieldProblems, ImportForm } from '../../state/import-form'
import { changeForm } from '../../state/importing'
import { classesFromFolders } from '../../state/trials'
import { useImporting } from '../../state/importing'
import { Button } from '../../ui/Button'
import { SelectField, TextArea, TextField } from '../../ui/Field'

const custom = 'custom'

function RangeFields({ form, problems }: { form: ImportForm; problems: FieldProblems }) {
  const { channels } = form
  const preset = presetOf({ mean: numbersIn(form.mean) ?? [Number.NaN], std: numbersIn(form.std) ?? [Number.NaN], channels })
  return (
    <>
      <SelectField
        label={t('import.range')}
        className="col-span-2"
        value={preset?.id ?? custom}
        choices={[...presetsFor(channels).map(({ id }) => ({ value: id, label: `${t(`import.range.${id}`)} (${t(`import.rangeDetail.${id}`)})` })), { value: custom, label: t('import.rangeOther') }]}
        onChange={({ target }) => {
          const chosen = presetsFor(channels).find(({ id }) => id === target.value)
          if (chosen) changeForm({ mean: numbersAsText(chosen.mean), std: numbersAsText(chosen.std) })
        }}
      />
      <TextField label={t('import.mean')} hint={t('import.meanHint')} problem={problems.mean} value={form.mean} onChange={({ target }) => changeForm({ mean: target.value })} />
      <TextField label={t('import.std')} hint={t('import.stdHint')} problem={problems.std} value={form.std} onChange={({ target }) => changeForm({ std: target.value })} />
    </>
  )
}

function IntensityFields({ form, problems }: { form: ImportForm; problems: FieldProblems }) {
  const ends = form.intensity === 'fixed' ? 'Value' : 'Percentile'
  return (
    <>
      <SelectField
        label={t('import.intensity')}
        className="col-span-2"
        value={form.intensity}
        choices={[
          { value: 'declared-range', label: t('import.intensity.declared-range') },
          { value: 'fixed', label: t('import.intensity.fixed') },
          { value: 'data-range', label: t('import.intensity.data-range') },
        ]}
        onChange={({ target }) => changeForm({ intensity: target.value as ImportForm['intensity'] })}
      />
      {form.intensity !== 'declared-range' && (
        <>
          <TextField label={t(`import.lower${ends}`)} problem={problems.low} value={form.low} onChange={({ target }) => changeForm({ low: target.value })} />
          <TextField label={t(`import.upper${ends}`)} value={form.high} onChange={({ target }) => changeForm({ high: target.value })} />
        </>
      )}
    </>
  )
}

export function SettingsForm({ form, problems, guess }: { form: ImportForm; problems: FieldProblems; guess: GuessedSettings }) {
  const images = useImporting((state) => state.images)
  const classes = linesIn(form.classes)
  const fromFolders = classesFromFolders(images, classes)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1fr)] gap-x-5">
      <fieldset className="grid auto-rows-min grid-cols-2 gap-x-2.5 gap-y-2">
        <legend className="pb-1 font-semibold">{t('field.name')}</legend>
        <TextField label={t('field.name')} className="col-span-2" problem={problems.name} value={form.name} onChange={({ target }) => changeForm({ name: target.value })} />
        <TextField label={t('field.id')} className="col-span-2" hint={t('import.idHint')} problem={problems.id} value={form.id} onChange={({ target }) => changeForm({ id: target.value })} />
        <TextField label={t('field.modality')} placeholder="DX, CT, MR" value={form.modality} onChange={({ target }) => changeForm({ modality: target.value })} />
        <TextField label={t('field.bodyPart')} placeholder="CHEST" value={form.bodyPart} onChange={({ target }) => changeForm({ bodyPart: target.value })} />
      </fieldset>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="pb-1 font-semibold">{t('import.answersHead')}</legend>
        <TextArea
          label={t('import.classes')}
          rows={5}
          problem={problems.classes}
          hint={t(guess.classes ? 'import.classesHintFile' : 'import.classesHint', { count: classes.length, of: guess.classCount })}
          value={form.classes}
          onChange={({ target }) => changeForm({ classes: target.value })}
        />
        {fromFolders && (
          <Button className="self-start" onClick={() => changeForm({ classes: fromFolders.join('\n') })}>
            {t('import.takeFolders', { folders: fromFolders.join(', ') })}
          </Button>
        )}
        <SelectField
          label={t('import.outputs')}
          value={form.output}
          choices={[
            { value: 'logits', label: t('import.output.logits') },
            { value: 'softmax', label: t('import.output.softmax') },
            { value: 'sigmoid', label: t('import.output.sigmoid') },
          ]}
          onChange={({ target }) => changeForm({ output: target.value as ImportForm['output'] })}
        />
      </fieldset>
      <fieldset className="grid auto-rows-min grid-cols-2 gap-x-2.5 gap-y-2">
        <legend className="pb-1 font-semibold">{t('import.input')}</legend>
        <RangeFields form={form} problems={problems} />
        <TextField label={t('import.rows')} inputMode="numeric" disabled={guess.sizeKnown} problem={problems.height} value={form.height} onChange={({ target }) => changeForm({ height: target.value })} />
        <TextField label={t('import.columns')} inputMode="numeric" disabled={guess.sizeKnown} problem={problems.width} value={form.width} onChange={({ target }) => changeForm({ width: target.value })} />
        <IntensityFields form={form} problems={problems} />
        <div className="col-span-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
          <span className="text-ink-soft">
            {t(form.layout === 'nchw' ? 'import.channelsFirst' : 'import.channelsLast', { colour: form.channels === 1 ? t('models.grey') : t('models.colour') })}
          </span>
          {form.channels === 3 && (
            <label className="flex items-center gap-1.5">
              <input type="checkbox" checked={form.channelOrder === 'bgr'} onChange={({ target }) => changeForm({ channelOrder: target.checked ? 'bgr' : 'rgb' })} /> BGR
            </label>
          )}
          <label className="flex items-center gap-1.5">
            <input type="checkbox" checked={form.inverted} onChange={({ target }) => changeForm({ inverted: target.checked })} /> {t('import.inverted')}
          </label>
        </div>
      </fieldset>
    </div>
  )
}
