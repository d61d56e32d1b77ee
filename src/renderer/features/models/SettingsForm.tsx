/** What the file cannot say of itself: names, and how images are made into the model's input. */
import type { GuessedSettings } from '../../../shared/models'
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
        label="Range of values that the model takes"
        className="col-span-2"
        value={preset?.id ?? custom}
        choices={[...presetsFor(channels).map(({ id, label, detail }) => ({ value: id, label: `${label} (${detail})` })), { value: custom, label: 'Other: mean and std below' }]}
        onChange={({ target }) => {
          const chosen = presetsFor(channels).find(({ id }) => id === target.value)
          if (chosen) changeForm({ mean: numbersAsText(chosen.mean), std: numbersAsText(chosen.std) })
        }}
      />
      <TextField label="Mean" hint="subtracted first" problem={problems.mean} value={form.mean} onChange={({ target }) => changeForm({ mean: target.value })} />
      <TextField label="Std" hint="then divided by" problem={problems.std} value={form.std} onChange={({ target }) => changeForm({ std: target.value })} />
    </>
  )
}

function IntensityFields({ form, problems }: { form: ImportForm; problems: FieldProblems }) {
  const ends = form.intensity === 'fixed' ? 'modality value' : 'percentile'
  return (
    <>
      <SelectField
        label="What becomes 0 and 1 in the file"
        className="col-span-2"
        value={form.intensity}
        choices={[
          { value: 'declared-range', label: 'The range of its bits (0 to 255 for 8-bit pictures)' },
          { value: 'fixed', label: 'Two values, such as HU' },
          { value: 'data-range', label: 'Two percentiles of the image' },
        ]}
        onChange={({ target }) => changeForm({ intensity: target.value as ImportForm['intensity'] })}
      />
      {form.intensity !== 'declared-range' && (
        <>
          <TextField label={`Lower ${ends}`} problem={problems.low} value={form.low} onChange={({ target }) => changeForm({ low: target.value })} />
          <TextField label={`Upper ${ends}`} value={form.high} onChange={({ target }) => changeForm({ high: target.value })} />
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
        <legend className="pb-1 font-semibold">Name</legend>
        <TextField label="Name" className="col-span-2" problem={problems.name} value={form.name} onChange={({ target }) => changeForm({ name: target.value })} />
        <TextField label="Id" className="col-span-2" hint="for the command line" problem={problems.id} value={form.id} onChange={({ target }) => changeForm({ id: target.value })} />
        <TextField label="Modality" placeholder="DX, CT, MR" value={form.modality} onChange={({ target }) => changeForm({ modality: target.value })} />
        <TextField label="Body part" placeholder="CHEST" value={form.bodyPart} onChange={({ target }) => changeForm({ bodyPart: target.value })} />
      </fieldset>
      <fieldset className="flex min-w-0 flex-col gap-2">
        <legend className="pb-1 font-semibold">Answers</legend>
        <TextArea
          label="Classes, one per line"
          rows={5}
          problem={problems.classes}
          hint={`${classes.length} of ${guess.classCount}, in the order of the outputs${guess.classes ? ', as the file names them' : ''}`}
          value={form.classes}
          onChange={({ target }) => changeForm({ classes: target.value })}
        />
        {fromFolders && (
          <Button className="self-start" onClick={() => changeForm({ classes: fromFolders.join('\n') })}>
            Take the folders: {fromFolders.join(', ')}
          </Button>
        )}
        <SelectField
          label="The outputs are"
          value={form.output}
          choices={[
            { value: 'logits', label: 'logits' },
            { value: 'softmax', label: 'probabilities (softmax)' },
            { value: 'sigmoid', label: 'probabilities, each on its own (sigmoid)' },
          ]}
          onChange={({ target }) => changeForm({ output: target.value as ImportForm['output'] })}
        />
      </fieldset>
      <fieldset className="grid auto-rows-min grid-cols-2 gap-x-2.5 gap-y-2">
        <legend className="pb-1 font-semibold">Input</legend>
        <RangeFields form={form} problems={problems} />
        <TextField label="Rows" inputMode="numeric" disabled={guess.sizeKnown} problem={problems.height} value={form.height} onChange={({ target }) => changeForm({ height: target.value })} />
        <TextField label="Columns" inputMode="numeric" disabled={guess.sizeKnown} problem={problems.width} value={form.width} onChange={({ target }) => changeForm({ width: target.value })} />
        <IntensityFields form={form} problems={problems} />
        <div className="col-span-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
          <span className="text-ink-soft">
            {form.channels === 1 ? 'grey' : 'colour'}, {form.layout === 'nchw' ? 'channels first' : 'channels last'}
          </span>
          {form.channels === 3 && (
            <label className="flex items-center gap-1.5">
              <input type="checkbox" checked={form.channelOrder === 'bgr'} onChange={({ target }) => changeForm({ channelOrder: target.checked ? 'bgr' : 'rgb' })} /> BGR
            </label>
          )}
          <label className="flex items-center gap-1.5">
            <input type="checkbox" checked={form.inverted} onChange={({ target }) => changeForm({ inverted: target.checked })} /> inverted
          </label>
        </div>
      </fieldset>
    </div>
  )
}
