/** The About page, in German. */
import type { Translated } from '../index'
import type { about as english } from '../en/about'

export const about: Translated<typeof english> = {
  'about.what': 'Assay findet heraus, ob ein medizinisches Bild manipuliert wurde, um einen KI-Klassifikator zu täuschen, zeigt wo, und gibt dem Klassifikator seine Antwort zurück.',
  'about.toGuide': 'Anleitung lesen (englisch)',
  'about.version': 'Version {version}',
  'about.licence': 'Apache License 2.0',
  'about.method': 'Verfahren',
  'about.methodText': 'Der Reiniger ist ein siamesischer entrauschender Autoencoder nach Shim & Jo, „Siamese Denoising Autoencoders for Enhancing Adversarial Robustness in Medical Image Analysis“, IEEE Access 13, 2025, doi 10.1109/ACCESS.2025.3570898. Verlustfunktionen und Architektur sind aus der veröffentlichten Zusammenfassung nachgebaut.',
  'about.models': 'Woher Modelle kommen',
  'about.modelsText': 'Bündel liegen in models/ der Anwendung und in bundles/ des Datenordners. Nichts wird heruntergeladen. Die Karte jedes Bündels sagt, mit welchen Daten und Befehlen es trainiert wurde und was es erreicht; seine Hashes werden bei jedem Laden geprüft.',
  'about.modelsNone': 'Es ist kein Bündel da. Führen Sie auf der Seite Modelle eines ein.',
  'about.toModels': 'Karten auf der Seite Modelle',
  'about.packages': 'Pakete, aus denen Assay besteht',
  'about.packagesText': 'Versionen und Lizenzen von allem, was mit Assay weitergegeben wird. Die vollen Texte stehen in THIRD-PARTY-LICENSES.txt neben dem installierten Programm oder im Ordner jedes Pakets.',
  'about.package': 'Paket',
  'about.packageVersion': 'Version',
  'about.packageLicence': 'Lizenz',
  'about.findPackage': 'Paket oder Lizenz finden',
  'about.offline': 'Kein Netzverkehr: Alles wird auf diesem Rechner berechnet, und keine Aufnahme verlässt ihn.',
}
