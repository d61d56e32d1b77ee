/** A drop-down whose choices carry a line of explanation (radix Select). */
import { Check, ChevronDown } from 'lucide-react'
import { Select } from 'radix-ui'
import type { ReactNode } from 'react'
import { floating } from './floating'

export interface Choice {
  value: string
  label: string
  /** Second line in the open list. */
  detail?: string
  disabled?: boolean
}

interface ChooserProps {
  label: string
  value: string | undefined
  choices: readonly Choice[]
  onChoose: (value: string) => void
  /** What the closed control shows. */
  children: ReactNode
  /** Said under the choices. */
  note?: string
  /** Keeps its words where there is too little room for all; others give way. */
  firm?: boolean
}

export function Chooser({ label, value, choices, onChoose, children, note, firm = false }: ChooserProps) {
  return (
    <Select.Root {...(value === undefined ? {} : { value })} onValueChange={onChoose}>
      <Select.Trigger
        aria-label={label}
        className={`flex h-8 min-w-0 items-center gap-2 rounded-md border border-line bg-panel px-2.5 text-left hover:border-line-strong data-[state=open]:border-accent ${firm ? 'shrink-0' : ''}`}
      >
        {children}
        <ChevronDown size={14} className="shrink-0 text-ink-soft" aria-hidden />
      </Select.Trigger>
      <Select.Portal>
        <Select.Content position="popper" sideOffset={6} align="start" className={`${floating} w-[26rem] overflow-hidden`}>
          <Select.Viewport className="p-1">
            {choices.map((choice) => (
              <Select.Item
                key={choice.value}
                value={choice.value}
                disabled={choice.disabled ?? false}
                className="relative rounded-md py-1.5 pr-3 pl-8 outline-none select-none data-[disabled]:opacity-55 data-[highlighted]:bg-accent-deep"
              >
                <Select.ItemIndicator className="absolute top-2 left-2.5 text-accent">
                  <Check size={15} aria-hidden />
                </Select.ItemIndicator>
                <Select.ItemText>{choice.label}</Select.ItemText>
                {choice.detail && <div className="text-xs text-ink-soft">{choice.detail}</div>}
              </Select.Item>
            ))}
          </Select.Viewport>
          {note && <div className="border-t border-line px-3 py-2 text-xs text-ink-soft">{note}</div>}
        </Select.Content>
      </Select.Portal>
    </Select.Root>
  )
}
