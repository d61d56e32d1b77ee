; Part of the Windows installer: Assay stands under "Open with" for the files it reads, and is the program that opens
; none of them until a person says so. Written for the person who installs it, as the rest is; taken away again when
; Assay goes. A step that is the same for every kind of file stands once, in assayEachKind.

!macro assayEachKind STEP
  !insertmacro ${STEP} "dcm" "Assay.dicom"
  !insertmacro ${STEP} "dicom" "Assay.dicom"
  !insertmacro ${STEP} "nii" "Assay.nifti"
  !insertmacro ${STEP} "gz" "Assay.nifti"
  !insertmacro ${STEP} "png" "Assay.picture"
  !insertmacro ${STEP} "jpg" "Assay.picture"
  !insertmacro ${STEP} "jpeg" "Assay.picture"
  !insertmacro ${STEP} "tif" "Assay.picture"
  !insertmacro ${STEP} "tiff" "Assay.picture"
  !insertmacro ${STEP} "bmp" "Assay.picture"
  !insertmacro ${STEP} "webp" "Assay.picture"
  !insertmacro ${STEP} "zip" "Assay.bundle"
!macroend

!macro assayDescribe CLASS DESCRIPTION
  WriteRegStr SHELL_CONTEXT "Software\Classes\${CLASS}" "" "${DESCRIPTION}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${CLASS}\DefaultIcon" "" "$appExe,0"
  WriteRegStr SHELL_CONTEXT "Software\Classes\${CLASS}\shell\open\command" "" '"$appExe" "%1"'
!macroend

!macro assayOffer EXTENSION CLASS
  WriteRegStr SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "${CLASS}" ""
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\SupportedTypes" ".${EXTENSION}" ""
!macroend

!macro assayWithdraw EXTENSION CLASS
  DeleteRegValue SHELL_CONTEXT "Software\Classes\.${EXTENSION}\OpenWithProgids" "${CLASS}"
!macroend

; Has the desktop read the entries anew (SHCNE_ASSOCCHANGED).
!macro assayTellDesktop
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
!macroend

!macro customInstall
  !insertmacro assayDescribe "Assay.dicom" "DICOM image"
  !insertmacro assayDescribe "Assay.nifti" "NIfTI volume"
  !insertmacro assayDescribe "Assay.picture" "Picture"
  !insertmacro assayDescribe "Assay.bundle" "Model bundle"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}" "FriendlyAppName" "${PRODUCT_NAME}"
  WriteRegStr SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}\shell\open\command" "" '"$appExe" "%1"'
  !insertmacro assayEachKind assayOffer
  !insertmacro assayTellDesktop
!macroend

!macro customUnInstall
  !insertmacro assayEachKind assayWithdraw
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Assay.dicom"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Assay.nifti"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Assay.picture"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Assay.bundle"
  DeleteRegKey SHELL_CONTEXT "Software\Classes\Applications\${APP_EXECUTABLE_FILENAME}"
  !insertmacro assayTellDesktop
!macroend
