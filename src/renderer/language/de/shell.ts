/** The frame around the pages: names, first start, in German. */
import type { Translated } from '../index'
import type { shell as english } from '../en/shell'

export const shell: Translated<typeof english> = {
  'page.screen': 'Prüfen',
  'page.batch': 'Stapel',
  'page.history': 'Verlauf',
  'page.audit': 'Audit',
  'page.train': 'Training',
  'page.models': 'Modelle',
  'page.settings': 'Optionen',
  'page.guide': 'Anleitung',
  'guide.chapters': 'Kapitel der Anleitung',
  'page.about': 'Über',
  'shell.pages': 'Seiten',
  'shell.connectionLost': 'Verbindung verloren, neuer Versuch läuft',
  'shell.connectionRefused': 'Neu gestartet: neue Adresse öffnen',
  'shell.connectionRefusedHint': 'Assay wurde neu gestartet, mit einem anderen Schlüssel. Die Adresse, die es ausgibt, in diesem Browser öffnen, dann geht es auf dieser Seite weiter.',
  'shell.keys': 'Tastatur und Maus',
  'shell.provider': 'Rechenwerk: {provider}',
  'shell.whereModelsRun': 'Wo Modelle rechnen',
  'shell.starting': 'Das Rechenwerk startet …',
  'shell.couldNotStart': 'Assay konnte nicht starten',
  'shell.notShown': 'Das konnte nicht gezeigt werden',
  'shell.loadAgain': 'Assay neu laden',
  'note.what': 'Assay sucht nach Änderungen, die an einer Aufnahme vorgenommen wurden, um einen Klassifikator irrezuführen. Es ist ein statistischer Test: Je nach Einstellung wird auch ein bekannter Anteil unberührter Aufnahmen gemeldet.',
  'note.notCertified': 'Eine Aufnahme ohne Befund ist damit nicht als echt bestätigt',
  'note.limits': ', und nichts hier sagt etwas über die Gesundheit eines Menschen. Wer diesen Reiniger kennt, kann einen Angriff bauen, der ihn passiert.',
  'note.local': 'Alles wird auf diesem Rechner berechnet. Keine Aufnahme verlässt ihn.',
  'note.understand': 'Verstanden',
}
