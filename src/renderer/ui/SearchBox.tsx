/** A field to search in: what is typed is told once no key has followed for a moment. */
import { Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { InputHTMLAttributes } from 'react'

interface SearchBoxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onKeyDown'> {
  /** What is searched for now. */
  search: string
  /** Milliseconds after the last key. */
  after: number
  /** Of the box, its width among them. */
  className: string
  onSearch: (text: string) => void
  /** Keys that do something else; true where one did. @param clear empties the field */
  onKey?: (key: string, text: string, clear: () => void) => boolean
}

export function SearchBox({ search, after, className, onSearch, onKey, ...rest }: SearchBoxProps) {
  const [text, setText] = useState(search)
  const [known, setKnown] = useState(search)
  // Cleared from elsewhere.
  if (known !== search) {
    setKnown(search)
    setText(search)
  }
  useEffect(() => {
    if (text === search) return
    const timer = setTimeout(() => onSearch(text), after)
    return () => clearTimeout(timer)
  }, [text, search, after, onSearch])
  return (
    <div className={`relative shrink-0 ${className}`}>
      <Search size={14} className="pointer-events-none absolute top-[7px] left-2 text-ink-soft" aria-hidden />
      <input
        type="search"
        autoComplete="off"
        spellCheck={false}
        className="h-7 w-full rounded-md border border-line bg-ground pr-2 pl-7 hover:border-line-strong focus-visible:border-accent"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (onKey?.(event.key, text, () => setText(''))) event.preventDefault()
        }}
        {...rest}
      />
    </div>
  )
}
