export function CameraSettingsScreen({ id: _id }: { id: string }) {
  return null;
}
