/** A horizontal slider from 0 to 1 (radix Slider), with its name read out. */
import { Slider as Radix } from 'radix-ui'

interface SliderProps {
  label: string
  value: number
  onChange: (value: number) => void
  disabled?: boolean
}

export function Slider({ label, value, onChange, disabled = false }: SliderProps) {
  return (
    <Radix.Root
      className="relative flex h-5 w-24 shrink-0 touch-none items-center data-[disabled]:opacity-45"
      min={0}
      max={1}
      step={0.05}
      value={[value]}
      disabled={disabled}
      onValueChange={([next]) => next !== undefined && onChange(next)}
    >
      <Radix.Track className="relative h-1 grow rounded-full bg-line-strong">
        <Radix.Range className="absolute h-full rounded-full bg-accent" />
      </Radix.Track>
      <Radix.Thumb aria-label={label} aria-valuetext={`${Math.round(value * 100)} %`} className="block size-3.5 rounded-full bg-ink shadow" />
    </Radix.Root>
  )
}
