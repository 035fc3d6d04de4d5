from django.urls import path

from . import acts, archive, together, uploads, views
from .dav import keys

app_name = "files"
urlpatterns = [
    path("<int:pk>/", views.folder, name="folder"),
    path("<int:pk>/uploads/", uploads.of_folder, name="uploads"),
    path("<int:pk>/archive/", archive.archive, name="archive"),
    path("<int:pk>/folders/", acts.new_folder, name="folders"),
    path("<int:pk>/names/", acts.rename_folder, name="folder_names"),
    path("<int:pk>/moves/", acts.move_folder, name="folder_moves"),
    path("<int:pk>/removals/", acts.put_folder_away, name="folder_removals"),
    path("<int:pk>/restorations/", acts.restore_folder, name="folder_restorations"),
    path("of/<int:pk>/", views.of_card, name="of_card"),
    path("of/<int:pk>/uploads/", uploads.of_card, name="of_card_uploads"),
    path("of/<int:pk>/bin/", views.contents_of_bin, name="bin"),
    path("of/<int:pk>/archives/", together.archive, name="chosen_archive"),
    path("of/<int:pk>/moves/", together.move, name="chosen_moves"),
    path("of/<int:pk>/copies/", together.copy, name="chosen_copies"),
    path("of/<int:pk>/removals/", together.put_away, name="chosen_removals"),
    path("of/<int:pk>/restorations/", together.restore, name="chosen_restorations"),
    path("uploads/<int:pk>/", uploads.upload, name="upload"),
    path("file/<int:pk>/", views.file, name="file"),
    path("file/<int:pk>/bytes/", views.download, name="download"),
    path("file/<int:pk>/thumb/", views.thumb, name="thumb"),
    path("file/<int:pk>/pages/<int:n>/", views.leaf, name="leaf"),
    path("file/<int:pk>/versions/", uploads.of_file, name="versions"),
    path("file/<int:pk>/names/", acts.rename_file, name="names"),
    path("file/<int:pk>/moves/", acts.move_file, name="moves"),
    path("file/<int:pk>/copies/", acts.copy, name="copies"),
    path("file/<int:pk>/removals/", acts.put_file_away, name="removals"),
    path("file/<int:pk>/restorations/", acts.restore_file, name="restorations"),
    path("dav/", keys.dav, name="dav"),
    path("dav/keys/", keys.dav_keys, name="dav_keys"),
    path("dav/revocations/", keys.dav_revocations, name="dav_revocations"),
    path("version/<int:pk>/", views.version, name="version"),
    path("version/<int:pk>/returns/", acts.go_back, name="returns"),
]
