/** The About page, in English. */
export const about = {
  'about.what': 'Assay finds out whether a medical image was tampered with to fool an AI classifier, shows where, and gives the classifier its answer back.',
  'about.version': 'Version {version}',
  'about.licence': 'Apache License 2.0',
  'about.method': 'Method',
  'about.methodText': 'The purifier is a Siamese denoising autoencoder after Shim & Jo, “Siamese Denoising Autoencoders for Enhancing Adversarial Robustness in Medical Image Analysis”, IEEE Access 13, 2025, doi 10.1109/ACCESS.2025.3570898. Losses and architecture are a reconstruction from the published abstract.',
  'about.models': 'Where models come from',
  'about.modelsText': 'Bundles lie in models/ of the application and in bundles/ of the data folder. Nothing is downloaded. Each bundle’s card says what data it was trained on, with which commands, and what it reaches; its hashes are checked at each load.',
  'about.modelsNone': 'No bundle is installed. Import one on the Models page.',
  'about.toModels': 'Cards on the Models page',
  'about.packages': 'Packages that Assay is made of',
  'about.packagesText': 'Versions and licences of everything that is passed on with Assay. The full texts are in THIRD-PARTY-LICENSES.txt beside the installed program, or in each package’s folder.',
  'about.package': 'Package',
  'about.packageVersion': 'Version',
  'about.packageLicence': 'Licence',
  'about.findPackage': 'Find a package or licence',
  'about.offline': 'No network traffic: everything is computed on this machine, and no scan leaves it.',
} as const
