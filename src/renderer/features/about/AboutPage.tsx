/** What Assay is, what it is not for, what it is made of, and where its models come from. */
import { useState } from 'react'
import type { ReactNode } from 'react'
import { t } from '../../language'
import { useSession } from '../../state/session'
import { someOf } from '../../wording/models'

const packages = __SHIPPED_PACKAGES__

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="selectable rounded-xl border border-line bg-panel px-5 py-4">
      <h2 className="pb-1.5 text-base font-semibold">{title}</h2>
      {children}
    </section>
  )
}

function Models() {
  const bundles = useSession((state) => state.bundles)
  return (
    <Section title={t('about.models')}>
      <p className="text-ink-soft">{t('about.modelsText')}</p>
      {bundles.length === 0 ? (
        <p className="mt-2">{t('about.modelsNone')}</p>
      ) : (
        <ul className="mt-2 space-y-1">
          {bundles.map(({ id, name, description, classes }) => (
            <li key={id}>
              <span className="font-semibold">{name}</span> <span className="text-ink-soft">({someOf(classes, 6)})</span>
              {description && (
                <span lang="en" className="block text-xs text-ink-soft">
                  {description}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      <a href="#/models" className="mt-2 inline-block text-accent underline">
        {t('about.toModels')}
      </a>
    </Section>
  )
}

function Packages() {
  const [query, setQuery] = useState('')
  const wanted = query.trim().toLowerCase()
  const found = packages.filter(({ name, licence }) => name.toLowerCase().includes(wanted) || licence.toLowerCase().includes(wanted))
  const cell = 'py-1 pr-3 text-left font-normal'
  return (
    <Section title={t('about.packages')}>
      <p className="text-ink-soft">{t('about.packagesText')}</p>
      <input
        type="search"
        aria-label={t('about.findPackage')}
        placeholder={t('about.findPackage')}
        value={query}
        spellCheck={false}
        autoComplete="off"
        className="mt-3 h-8 w-72 rounded-md border border-line-strong bg-ground px-2.5 placeholder:text-ink-soft"
        onChange={({ target }) => setQuery(target.value)}
      />
      <table className="mt-2 w-full border-collapse text-xs">
        <thead>
          <tr className="text-ink-soft">
            <th scope="col" className={cell}>
              {t('about.package')}
            </th>
            <th scope="col" className={cell}>
              {t('about.packageVersion')}
            </th>
            <th scope="col" className={cell}>
              {t('about.packageLicence')}
            </th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ name, version, licence }) => (
            <tr key={`${name} ${version}`} className="border-t border-line">
              <th scope="row" className={cell}>
                {name}
              </th>
              <td className={`${cell} numbers`}>{version}</td>
              <td className={cell}>{licence}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}

export function AboutPage() {
  const version = useSession((state) => state.version)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto grid max-w-6xl items-start gap-4 p-5 xl:grid-cols-2">
        <div className="space-y-4">
          <section aria-label="Assay" className="selectable rounded-xl border border-line bg-panel px-5 py-4">
            <h2 className="text-xl font-semibold">Assay</h2>
            <p className="numbers text-ink-soft">
              {t('about.version', { version })} · {t('about.licence')}
            </p>
            <p className="mt-3">{t('about.what')}</p>
            <p className="mt-3 rounded-md bg-suspicious-deep px-3 py-2 font-semibold text-suspicious">{t('researchUse')}</p>
            <p className="mt-3 text-ink-soft">{t('about.offline')}</p>
            <a href="#/guide" className="mt-3 inline-block text-accent underline">
              {t('about.toGuide')}
            </a>
          </section>
          <Section title={t('about.method')}>
            <p className="text-ink-soft">{t('about.methodText')}</p>
          </Section>
          <Models />
        </div>
        <Packages />
      </div>
    </div>
  )
}
